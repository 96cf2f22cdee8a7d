import { ollamaDialect } from '../../../packages/adapters/src/mock/dialect/ollama.ts';
import { describeReplyLaw } from '../../support/reply-law.ts';
import { decoding } from './support.ts';

describeReplyLaw({ dialect: ollamaDialect, decoding });
