import { ACCEPTED_REQUESTS, RemediationRequest } from '../domain/job.ts';
import { remediationOutdated, workflowOutdated } from '../domain/stack-gap.ts';
import { parseInput, versionIn } from '../domain/version.ts';

/**
 * Returns the request of a proxy of this release or of the last one.
 * @throws SutureError StackOutdated if a proxy of another release sent it, ConfigurationInvalid if no proxy could have
 */
export function parseRemediationRequest(remediation: string, event: unknown): RemediationRequest {
  const version = versionIn(event);
  const [oldest, newest] = ACCEPTED_REQUESTS;
  const because = `It got a remediation request of v ${version}, and understands v ${oldest} to v ${newest}.`;
  if (typeof version === 'number' && version > newest) throw remediationOutdated(remediation, because);
  if (typeof version === 'number' && version < oldest) throw workflowOutdated(remediation, because);
  return parseInput(RemediationRequest, event);
}
