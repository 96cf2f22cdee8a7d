import { responsesDialect } from '../../../packages/adapters/src/mock/dialect/responses.ts';
import { describeReplyLaw } from '../../support/reply-law.ts';
import { decode, decodeBytes } from './responses-support.ts';

describeReplyLaw({ dialect: responsesDialect, decoding: { decode, decodeBytes } });
