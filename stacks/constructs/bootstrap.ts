/**
 * How stacks reach their account: by the CDK's bootstrap, whose version CloudFormation checks before it creates anything,
 * or in the management account without one.
 */
import {
  BOOTSTRAP_QUALIFIER_CONTEXT,
  BootstraplessSynthesizer,
  CfnParameter,
  CfnRule,
  DefaultStackSynthesizer,
  Fn,
  type IStackSynthesizer,
  type ISynthesisSession,
  type Stack,
} from 'aws-cdk-lib';
import type { SutureContext } from '../context.ts';

/**
 * The oldest bootstrap that stacks with assets can use.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html#bootstrapping-template-versions
 */
export const MIN_BOOTSTRAP_VERSION = 6;

/**
 * Returns the synthesizer of an account's stacks. Those of the management account have no assets, so need no bootstrap.
 */
export const synthesizerFor = ({ rollout }: SutureContext, account: string): IStackSynthesizer =>
  account === rollout?.managementAccount ? new BootstraplessSynthesizer() : new BootstrappedSynthesizer();

/** The CDK's own check names neither account nor command. */
class BootstrappedSynthesizer extends DefaultStackSynthesizer {
  constructor() {
    super({ generateBootstrapVersionRule: false });
  }

  override synthesize(session: ISynthesisSession): void {
    checkBootstrap(this.boundStack);
    super.synthesize(session);
  }
}

function checkBootstrap(stack: Stack): void {
  const qualifier = stack.node.tryGetContext(BOOTSTRAP_QUALIFIER_CONTEXT) ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  const { valueAsString: version } = new CfnParameter(stack, 'BootstrapVersion', {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: `/cdk-bootstrap/${qualifier}/version`,
    description: "The version of the account's bootstrap for the CDK [cdk:skip]",
  });
  const tooOld = Array.from({ length: MIN_BOOTSTRAP_VERSION - 1 }, (_, n) => String(n + 1));
  new CfnRule(stack, 'CheckBootstrapVersion', {
    assertions: [
      {
        assert: Fn.conditionNot(Fn.conditionContains(tooOld, version)),
        assertDescription:
          `Account ${stack.account} is bootstrapped for an older CDK in ${stack.region}: ${stack.stackName} needs version ` +
          `${MIN_BOOTSTRAP_VERSION} or later. With credentials of that account, run: npx cdk bootstrap aws://${stack.account}/${stack.region}`,
      },
    ],
  });
}
