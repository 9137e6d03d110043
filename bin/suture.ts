import '../cli/program.ts';
