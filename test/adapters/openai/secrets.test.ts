import { openai } from '@sluice/adapters/openai';
import { describe } from 'vitest';
import { describeSecrecy } from '../../support/secrecy.ts';
import { aChunk } from './support.ts';

describe('by Chat Completions', () => {
  describeSecrecy({
    makeProvider: (options) => openai({ model: 'gpt-x', ...options }),
    idHeader: 'x-request-id',
    contentType: 'text/event-stream',
    frame: (data) => `data: ${data}\n\n`,
    firstEvent: (model) => ({ ...aChunk({ content: 'Hi' }), model }),
  });
});

describe('by Responses', () => {
  describeSecrecy({
    makeProvider: (options) => openai({ model: 'gpt-x', api: 'responses', ...options }),
    idHeader: 'x-request-id',
    contentType: 'text/event-stream',
    frame: (data) => `data: ${data}\n\n`,
    firstEvent: (model) => ({ type: 'response.created', response: { id: 'resp_1', model } }),
    echoes: {
      'echoes it as the id of a response, and stops': (id) => ({
        type: 'response.created',
        response: { id, model: 'gpt-x' },
      }),
      'echoes it in a response that failed': (text) => ({
        type: 'response.failed',
        response: { error: { code: text, message: text } },
      }),
    },
  });
});
