import { anthropic } from '@sluice/adapters/anthropic';
import { llm } from '@sluice/adapters/msw';
import { describeClientContract } from '../support/client-subject.ts';

describeClientContract({
  dialect: 'anthropic',
  mock: llm.anthropic,
  makeProvider: (options) =>
    anthropic({ apiKey: 'sk-ant-test-0123456789abcdef', model: 'claude-x', ...options }),
});
