import approve from '../proposals/approve.ts';

/** The same command as `proposals approve`. */
export default { ...approve, summary: 'the same as proposals approve' };
