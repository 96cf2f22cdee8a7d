import { llm } from '@sluice/adapters/msw';
import { ollama } from '@sluice/adapters/ollama';
import { describeClientContract } from '../support/client-subject.ts';

describeClientContract({
  dialect: 'ollama',
  mock: llm.ollama,
  makeProvider: (options) => ollama({ model: 'llama-x', ...options }),
});
