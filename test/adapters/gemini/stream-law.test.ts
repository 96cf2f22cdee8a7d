import { geminiDialect } from '../../../packages/adapters/src/mock/dialect/gemini.ts';
import { describeReplyLaw } from '../../support/reply-law.ts';
import { decoding } from './support.ts';

describeReplyLaw({ dialect: geminiDialect, decoding });
