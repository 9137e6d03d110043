import { proveShare } from '../../lab/laws/prove.ts';

proveShare(3);
