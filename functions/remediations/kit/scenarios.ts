/** Fixtures and scenarios of settings as packages import them, by `@suture/kit/scenarios`. */
export { arrangeResource, findingResource, resourceFixture } from './resource-fixture.ts';
export { settingScenarios } from './setting-scenarios.ts';
export { listOfTags } from './tag-list.ts';
