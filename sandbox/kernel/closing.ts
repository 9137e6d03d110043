/** A diagnostics channel. Its messages are the kernels of closing sandboxes, with their logs. */
export const SANDBOX_CLOSES = 'sandbox:closes';
