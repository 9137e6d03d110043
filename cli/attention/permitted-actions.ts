/** The actions that IAM lets the caller take. */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import type { ApiRouteName } from '../../functions/domain/api.ts';
import type { RunKind } from '../../functions/domain/api-runs.ts';
import { sutureApi } from '../clients/api.ts';
import { installedNames } from '../clients/installed-names.ts';
import type { Operator } from '../clients/operator.ts';
import { Unreachable } from '../errors/unreachable.ts';
import type { ActionName, AttentionAction, AttentionItem } from './attention-item.ts';

type Person = 'operator' | 'approver';
type Requirement = { readonly route: ApiRouteName; readonly person: Person };

const beginRunOf = (kind: RunKind): Requirement => ({ route: `begin ${kind}`, person: 'operator' });

/** An action that writes nothing in AWS has no requirement. */
const REQUIREMENTS: Readonly<Partial<Record<ActionName, Requirement>>> = {
  replay: beginRunOf('replays'),
  undo: beginRunOf('rollbacks'),
  redrive: beginRunOf('redrives'),
  approve: { route: 'answerApproval', person: 'approver' },
  deny: { route: 'answerApproval', person: 'approver' },
};

export type PermittedItem = {
  /** Has only the actions that the caller may take. */
  readonly item: AttentionItem;
  /** A line for each role that may do the rest. */
  readonly others: readonly string[];
};

/** Returns a function that asks IAM about each route once, when an item has an action that needs it. */
export function permittedActions({ aws }: Pick<Operator, 'aws'>): (item: AttentionItem) => Promise<PermittedItem> {
  const verdicts = new Map<ApiRouteName, Promise<boolean>>();
  const isPermitted = (route: ApiRouteName, id: string) => {
    const verdict = verdicts.get(route) ?? askIam(aws, route, id);
    verdicts.set(route, verdict);
    return verdict;
  };
  return async (item) => {
    const actions: AttentionAction[] = [];
    const denied: { readonly name: ActionName; readonly person: Person }[] = [];
    for (const action of item.actions) {
      const requirement = REQUIREMENTS[action.name];
      if (!requirement || (await isPermitted(requirement.route, item.id))) actions.push(action);
      else denied.push({ name: action.name, person: requirement.person });
    }
    const people = [...new Set(denied.map(({ person }) => person))];
    const namesOf = (person: Person) => denied.filter((each) => each.person === person).map(({ name }) => name);
    return { item: { ...item, actions }, others: people.map((person) => roleText(person, namesOf(person))) };
  };
}

async function askIam(aws: Operator['aws'], route: ApiRouteName, id: string): Promise<boolean> {
  const api = await sutureApi(new APIGatewayClient(aws));
  try {
    await api.requirePermission(route, { parameters: { id } });
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}

const roleText = (person: Person, names: readonly string[]): string =>
  `IAM does not let you ${names.join(' or ')} this. The role ${installedNames().person(person)} may: --as ${person}.`;
