import { anthropic } from '@sluice/adapters/anthropic';
import { describeSecrecy } from '../../support/secrecy.ts';
import { aStart } from './support.ts';

describeSecrecy({
  makeProvider: (options) => anthropic({ model: 'claude-x', ...options }),
  idHeader: 'request-id',
  contentType: 'text/event-stream',
  frame: (data) => `data: ${data}\n\n`,
  firstEvent: (model) => {
    const start = aStart() as { readonly message: object };
    return { ...start, message: { ...start.message, model } };
  },
});
