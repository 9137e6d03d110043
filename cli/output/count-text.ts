export { countText } from '../../functions/domain/count-text.ts';
