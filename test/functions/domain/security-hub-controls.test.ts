import { expect, it } from 'vitest';
import {
  isSecurityHubControl,
  SECURITY_HUB_CONTROLS,
  unhandledControl,
} from '../../../functions/domain/security-hub-controls.ts';
import { DECLARATIONS } from '../../../functions/remediations/declarations.generated.ts';

it.each(['BedrockAgentCore.7', 'CloudFront.17', 'ECS.21', 'MSK.6', 'SageMaker.25', 'Autoscaling.5', 'EC2.183'])(
  'knows %s, which AWS added since 2023',
  (control) => {
    expect(isSecurityHubControl(control)).toBe(true);
    expect(SECURITY_HUB_CONTROLS).toContain(control);
    expect(unhandledControl(control, ['EC2.13'])).toContain('AWS has this control');
  },
);
it.each(['EC2.0', 'EC2.5', 'EC2.184', 'BedrockAgentCore.8', 'Nothing.1', 'constructor.1', 'EC2', 'EC2.x', 'EC2.'])(
  'does not know %s',
  (control) => {
    expect(isSecurityHubControl(control)).toBe(false);
    expect(unhandledControl(control, [])).toContain('no remediation handles this control');
  },
);
it('has each control once, and every one that Suture handles', () => {
  expect(new Set(SECURITY_HUB_CONTROLS).size).toBe(SECURITY_HUB_CONTROLS.length);
  const handled = DECLARATIONS.flatMap(({ handles }) => handles.controls as readonly string[]);
  expect(handled.filter((control) => /^[A-Z]\w*\.\d+$/.test(control) && !isSecurityHubControl(control))).toEqual([]);
});
