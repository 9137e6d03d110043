/** The member role's template as one line of JSON, for StackSets and manual deployment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, BootstraplessSynthesizer, type Stack } from 'aws-cdk-lib';
import type { Remediation } from '../functions/contract/remediation.ts';
import { namesOf } from '../functions/domain/names.ts';
import { addTags } from './constructs/tagging.ts';
import type { SutureContext } from './context.ts';
import { MemberRoleStack } from './member-role.ts';

export const MEMBER_ROLE_DESCRIPTION = 'Suture: the role that remediates in this account';

/** The template deploys anywhere: it names the service account only and has no parameters, rules or assets. */
export const memberTemplate = (context: SutureContext, remediations: readonly Remediation[]): string =>
  templateText((app, synthesizer) => {
    const description = MEMBER_ROLE_DESCRIPTION;
    addTags(app, context);
    return new MemberRoleStack(app, namesOf(context).stack('MemberRole'), {
      context,
      remediations,
      description,
      synthesizer,
    });
  });

/** Returns the template of a stack without assets as one line of JSON. */
export function templateText(add: (app: App, synthesizer: BootstraplessSynthesizer) => Stack): string {
  const outdir = mkdtempSync(join(tmpdir(), 'suture-member-'));
  try {
    // The installation's app validates the same stack; repeating it would take two seconds.
    const app = new App({
      outdir,
      analyticsReporting: false,
      autoSynth: false,
      builtinCloudFormationValidation: false,
    });
    const stack = add(app, new BootstraplessSynthesizer());
    return JSON.stringify(app.synth().getStackArtifact(stack.artifactId).template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
