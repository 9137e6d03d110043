import { arrangeResource } from '../../kit/resource-fixture.ts';
import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { bucketsByOwnership } from '../ownership-fixtures.ts';
import disableBucketAcls from './index.ts';

export default settingScenarios(disableBucketAcls, bucketsByOwnership, {
  wrong: { ObjectOwnership: 'ObjectWriter' },
  right: { ObjectOwnership: 'BucketOwnerEnforced' },
  more: {
    'nobody ever set the ownership': {
      arrange: arrangeResource(bucketsByOwnership, { values: { ObjectOwnership: null } }),
      expected: 'FIXED',
    },
  },
});
