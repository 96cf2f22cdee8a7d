import { gemini } from '@sluice/adapters/gemini';
import { describeSecrecy } from '../../support/secrecy.ts';
import { aText } from './support.ts';

describeSecrecy({
  makeProvider: (options) => gemini({ model: 'gemini-x', ...options }),
  idHeader: 'x-request-id',
  contentType: 'text/event-stream',
  frame: (data) => `data: ${data}\r\n\r\n`,
  firstEvent: (modelVersion) => ({ ...aText('Hi'), modelVersion }),
});
