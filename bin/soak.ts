import '../lab/soak/program.ts';
