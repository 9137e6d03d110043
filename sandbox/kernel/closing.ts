/** Diagnostics channel of closing sandboxes; its messages are their kernels, with their logs. */
export const SANDBOX_CLOSES = 'sandbox:closes';
