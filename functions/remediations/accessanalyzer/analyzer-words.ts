/** An analyzer in the language of the account's owner. */
import * as z from 'zod';
import type { DeclaredChange } from '../../contract/remediation.ts';
import { declaredChange } from '../kit/owner-language.ts';

export const ANALYZER_WORDS = {
  cloudFormation: 'AWS::AccessAnalyzer::Analyzer',
  terraform: 'aws_accessanalyzer_analyzer',
  beside: true,
  attributes: {
    AnalyzerName: { type: z.string(), default: 'external-access', terraform: 'analyzer_name' },
    Type: { type: z.enum(['ACCOUNT', 'ORGANIZATION']), default: 'ACCOUNT', terraform: 'type' },
  },
} as const;

/** Returns the analyzer of external access that the owner writes. */
export const declaredAnalyzer = (AnalyzerName: string): DeclaredChange =>
  declaredChange(ANALYZER_WORDS, { AnalyzerName, Type: 'ACCOUNT' });
