/**
 * The owner of a resource: the people who are told about it, and the places where. Events carry it as `owner`, with
 * `dueBy` where the owner has time until then.
 */
import * as z from 'zod';

export const OWNER_PLACES = ['mail', 'slack', 'teams', 'jira', 'servicenow', 'pagerduty', 'repository'] as const;

/** `to`: the address, channel, project, assignment group, service or URL. */
export const OwnerPlace = z.object({ kind: z.enum(OWNER_PLACES), to: z.string().min(1).max(200) });
export type OwnerPlace = z.infer<typeof OwnerPlace>;

export const ResourceOwner = z.object({
  name: z.string().min(1).max(100).describe('As policy, a tag or the security contact names it'),
  because: z.string().max(300).describe('The rule, tag or contact that says so'),
  places: z.array(OwnerPlace).max(20),
});
export type ResourceOwner = z.infer<typeof ResourceOwner>;
