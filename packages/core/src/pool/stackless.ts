/**
 * Makes an error without recording a stack, or with the one given. For errors that a timer makes: the timer's own stack tells
 * nothing, and recording it costs three times as much as all the rest of a refusal, when a whole line times out.
 */
export function stackless<E extends Error>(make: () => E, stack?: string): E {
  const error = withoutRecording(make);
  // The first line of a recorded stack names the place that recorded it.
  if (stack !== undefined) error.stack = `${String(error)}${stack.slice(stack.indexOf('\n'))}`;
  return error;
}

function withoutRecording<E>(make: () => E): E {
  const limited: typeof Error & { stackTraceLimit?: unknown } = Error; // V8 alone has it
  const limit = limited.stackTraceLimit;
  // Where intrinsics are frozen, errors keep their stack.
  if (!Reflect.set(limited, 'stackTraceLimit', 0)) return make();
  try {
    return make();
  } finally {
    limited.stackTraceLimit = limit;
  }
}
