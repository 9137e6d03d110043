/** CloudTrail.4: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-4 */
import { setting } from '../../kit/setting.ts';
import { cloudTrailTrail } from '../own-trail.ts';

export default setting(cloudTrailTrail, {
  id: 'cloudtrail/validate-log-files',
  title: 'Validate the log files of a trail',
  controls: ['CloudTrail.4'],
  risk: 'safe',
  // Since version 2, the state uses AWS's name of the attribute.
  version: 2,
  wants: { LogFileValidationEnabled: true },
});
