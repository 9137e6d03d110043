import '../lab/story/start.ts';
