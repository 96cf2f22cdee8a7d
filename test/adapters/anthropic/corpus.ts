import type { WrittenEvent } from '../../support/decoding.ts';
import type { CorpusStream } from '../../support/stream-corpus.ts';
import { aBlock, aCall, aStart, aText, anEnd } from './support.ts';

const PING = { type: 'ping' };

/** Synthetic streams, each with what one server or another does; every event has its name, which is its type. */
export const CORPUS: readonly CorpusStream[] = [
  aStream('thinking, text and a tool call, as the reference shows them', {
    events: [
      aStart({ input_tokens: 25, cache_read_input_tokens: 100, output_tokens: 1 }),
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      PING,
      ...aBlock(
        0,
        { type: 'thinking', thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: 'Let me see.' },
        { type: 'signature_delta', signature: 'EqQB' },
      ).slice(1),
      ...aText(1, 'Checking.'),
      ...aCall(2, { id: 'toolu_1', name: 'get_weather' }, '', '{"city": "Os', 'lo"}'),
      ...anEnd('tool_use', { output_tokens: 42 }),
    ],
    expected: {
      thinking: 'Let me see.',
      text: 'Checking.',
      calls: ['get_weather({"city":"Oslo"})'],
      end: 'tool-calls',
      inputTokens: 125,
      outputTokens: 42,
    },
  }),
  aStream('text beyond ASCII', {
    events: [aStart(), ...aText(0, 'Die Schleuse', ' öffnet 🌊', ' 水門'), ...anEnd()],
    expected: { text: 'Die Schleuse öffnet 🌊 水門', end: 'stop' },
  }),
  aStream('several tools at once, and text between them', {
    events: [
      aStart(),
      ...aCall(0, { id: 'a', name: 'one' }, '{"x":', '1}'),
      ...aText(1, 'and'),
      ...aCall(2, { id: 'b', name: 'two' }, ''),
      ...anEnd('tool_use'),
    ],
    expected: { text: 'and', calls: ['one({"x":1})', 'two({})'], end: 'tool-calls' },
  }),
  aStream('pings everywhere, before the start too', {
    events: [PING, aStart(), PING, ...aText(0, 'Hi').flatMap((event) => [PING, event]), ...anEnd()],
    expected: { text: 'Hi', end: 'stop' },
  }),
  aStream('thinking that only the provider can read', {
    events: [
      aStart(),
      ...aBlock(0, { type: 'redacted_thinking', data: 'EmwKAhgBEgy' }),
      ...aText(1, 'Hi'),
      ...anEnd(),
    ],
    expected: { thinking: '', text: 'Hi', end: 'stop' },
  }),
  aStream('a search that the provider runs, with what it found', {
    events: [
      aStart(),
      ...aText(0, 'Looking.'),
      ...aBlock(
        1,
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
        { type: 'input_json_delta', partial_json: '{"query":"sluice"}' },
      ),
      ...aBlock(2, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
      ...aBlock(
        3,
        { type: 'text', text: '', citations: [] },
        { type: 'citations_delta', citation: { type: 'web_search_result_location' } },
        { type: 'text_delta', text: 'A gate.' },
      ),
      ...anEnd('end_turn', { output_tokens: 9, server_tool_use: { web_search_requests: 1 } }),
    ],
    expected: { text: 'Looking.A gate.', calls: [], end: 'stop', outputTokens: 9 },
  }),
  aStream('a turn that pauses while the provider’s own tools are at work', {
    events: [
      aStart(),
      ...aBlock(0, { type: 'server_tool_use', id: 's', name: 'code_execution', input: {} }),
      ...anEnd('pause_turn'),
    ],
    expected: { end: 'other' },
  }),
  aStream('an answer that is cut at its length, within a tool call', {
    events: [
      aStart(),
      ...aCall(0, { id: 'a', name: 'write' }, '{"text":"Once upon'),
      ...anEnd('max_tokens'),
    ],
    expected: { calls: ['write("{\\"text\\":\\"Once upon")'], end: 'length' },
  }),
  aStream('a stop sequence', {
    events: [aStart(), ...aText(0, 'One. Two.'), ...anEnd('stop_sequence')],
    expected: { text: 'One. Two.', end: 'stop' },
  }),
  aStream('a refusal after some text', {
    events: [aStart(), ...aText(0, 'I can'), ...anEnd('refusal')],
    expected: { text: 'I can', end: 'content-filter' },
  }),
  aStream('all usage at the end, as a proxy tells it', {
    events: [
      aStart({ input_tokens: 0, output_tokens: 0 }),
      ...aText(0, 'Hi'),
      ...anEnd('end_turn', {
        input_tokens: 7,
        cache_creation_input_tokens: 3,
        cache_read_input_tokens: null,
        output_tokens: 2,
      }),
    ],
    expected: { text: 'Hi', inputTokens: 10, outputTokens: 2 },
  }),
  aStream('no ends of blocks, and a whole input in the beginning, as a proxy sends them', {
    events: [
      aStart(),
      ...aText(0, 'Hi').slice(0, -1),
      ...aBlock(1, { type: 'tool_use', id: 'a', name: 'add', input: { x: 1 } }).slice(0, -1),
      ...anEnd('tool_use'),
    ],
    expected: { text: 'Hi', calls: ['add({"x":1})'], end: 'tool-calls' },
  }),
  aStream('events and blocks of a later version', {
    events: [
      aStart(),
      { type: 'content_block_progress', index: 0, percent: 10 },
      ...aBlock(0, { type: 'hologram', data: 'x' }, { type: 'hologram_delta', voxels: [1] }),
      ...aText(1, 'Hi'),
      ...anEnd(),
    ],
    expected: { text: 'Hi', end: 'stop' },
  }),
  aStream('an error as the very first event', {
    events: [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    expected: { text: '', end: 'overloaded' },
  }),
  aStream('an error after text', {
    events: [aStart(), ...aText(0, 'Hi'), { type: 'error', error: { type: 'api_error' } }],
    expected: { text: 'Hi', end: 'server' },
  }),
  aStream('a body that ends after its stop reason, and before message_stop', {
    events: [aStart(), ...aText(0, 'Hi'), ...anEnd().slice(0, 1)],
    expected: { text: 'Hi', end: 'truncated' },
  }),
  aStream('an empty answer', {
    events: [aStart(), ...anEnd()],
    expected: { text: '', calls: [], end: 'stop' },
  }),
];

function aStream(
  name: string,
  {
    events,
    expected,
  }: { readonly events: readonly object[]; readonly expected: CorpusStream['expected'] },
): CorpusStream {
  return { name, events: events.map(named), expected };
}

function named(event: object): WrittenEvent {
  return [(event as { readonly type: string }).type, event];
}
