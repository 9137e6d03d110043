/** Returns `1 problem`, `2 problems`. */
export const countText = (count: number, thing: string, things = `${thing}s`): string =>
  `${count} ${count === 1 ? thing : things}`;
