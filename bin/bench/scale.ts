import type { Section } from './figures.ts';
export const measureScale = async (_progress: (step: string) => void): Promise<Section[]> => [];
