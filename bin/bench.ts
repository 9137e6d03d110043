import '../lab/bench/program.ts';
