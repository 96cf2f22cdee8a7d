import { gemini } from '@sluice/adapters/gemini';
import { llm } from '@sluice/adapters/msw';
import { describeClientContract } from '../support/client-subject.ts';

describeClientContract({
  dialect: 'gemini',
  mock: llm.gemini,
  makeProvider: (options) =>
    gemini({ apiKey: 'AIzaTest-0123456789abcdef', model: 'gemini-x', ...options }),
});
