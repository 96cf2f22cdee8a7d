import { llm } from '@sluice/adapters/msw';
import { openai } from '@sluice/adapters/openai';
import { describeClientContract } from '../support/client-subject.ts';

describeClientContract({
  dialect: 'responses',
  mock: llm.responses,
  makeProvider: (options) =>
    openai({ apiKey: 'sk-test-0123456789abcdef', model: 'gpt-x', api: 'responses', ...options }),
});
