import '../lab/organization/serve.ts';
