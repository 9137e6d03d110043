import { serviceSettingScenarios } from '../service-setting-scenarios.ts';
import blockPublicDocuments, { SHARING } from './index.ts';

export default serviceSettingScenarios(blockPublicDocuments, SHARING, { wrong: 'Enable', right: 'Disable' });
