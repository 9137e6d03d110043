/** Who subscribes to this diagnostics channel gets the kernel of each sandbox that is closed, with its logs. */
export const SANDBOX_CLOSES = 'sandbox:closes';
