import { proveShare } from './prove.ts';

proveShare(2);
