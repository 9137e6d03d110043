/** The kit as packages import it, by `@suture/kit`. Fixtures and scenarios are in `scenarios.ts`. */
export { costPer, fixedCost, storageCost } from './monthly-cost.ts';
export { orUndefined } from './or-undefined.ts';
export { declaredChange, differingValues, joinedChange, type OwnerWords } from './owner-language.ts';
export { type AttributeValue, type AttributeValues, type ResourceDeclaration, resourceType } from './resource-type.ts';
export { setting } from './setting.ts';
export { tagsOfList } from './tag-list.ts';
export { textRecord, valuesOfTexts } from './text-attributes.ts';
