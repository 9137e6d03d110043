/** The site of one builder of the town. */
import type { Place } from '../../../functions/contract/remediation.ts';

/** Makes calls as an administrator of the place. `name` is unique in the partition. */
export type TownSite = Place & {
  readonly name: string;
  call(operation: string, input?: object): Promise<any>;
  /** Lets AWS finish work that takes it minutes. */
  minutesLater(minutes: number): Promise<void>;
  /** Calls another service than the builder's own. */
  callOther(service: string, operation: string, input?: object): Promise<any>;
};

export type TownBuilder = (site: TownSite) => Promise<void>;
