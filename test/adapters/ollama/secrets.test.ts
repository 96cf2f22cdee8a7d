import { ollama } from '@sluice/adapters/ollama';
import { describeSecrecy } from '../../support/secrecy.ts';
import { aText } from './support.ts';

describeSecrecy({
  makeProvider: (options) => ollama({ model: 'llama-x', ...options }),
  idHeader: 'x-request-id',
  contentType: 'application/x-ndjson',
  frame: (data) => `${data}\n`,
  firstEvent: (model) => ({ ...aText('Hi'), model }),
});
