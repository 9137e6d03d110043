/**
 * The sandbox: an AWS organization in one process. It executes synthesized templates and built bundles, answers real
 * SDK clients and the AWS CLI over HTTP on 127.0.0.1, and lets IAM decide every call.
 */
import { createSandboxWith, type Sandbox, type SandboxOptions } from './create-sandbox.ts';
import { SERVICES } from './services/services.generated.ts';

export type { ClientSettings, Sandbox, SandboxOptions } from './create-sandbox.ts';

export const createSandbox = (options: SandboxOptions): Promise<Sandbox> => createSandboxWith(SERVICES, options);
