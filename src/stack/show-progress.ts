import type { Progress, Step } from '../context.ts';
import type { ProgressEvent } from './engine.ts';

export interface ProgressView {
  report: (event: ProgressEvent) => void;
  /** Ends the running step, if any, badly. */
  abandon(text: string): void;
}

/** Shows parts that become ready side by side as steps one after the other: a terminal has one moving line. */
export function showProgress(progress: Progress): ProgressView {
  const order: string[] = [];
  const latest = new Map<string, ProgressEvent>();
  let step: Step | undefined;
  let at = 0;
  let hasFailed = false;

  const advance = (): void => {
    for (let event = latest.get(order[at] ?? ''); event; event = latest.get(order[at] ?? '')) {
      // After a failure the others are told when they end, and not waited for on the screen.
      if (event.state === 'working' && hasFailed) return;
      step ??= progress.step(event.part);
      step.detail(event.text);
      if (event.state === 'working') return;
      hasFailed ||= event.state === 'failed';
      end(step, event);
      step = undefined;
      at += 1;
    }
  };
  return {
    report: (event) => {
      if (!order.includes(event.part)) order.push(event.part);
      // A part that starts again after it was ready is told once.
      else if (order.indexOf(event.part) < at) return;
      latest.set(event.part, event);
      advance();
    },
    abandon: (text) => {
      step?.fail(text);
      step = undefined;
      at = order.length;
    },
  };
}

function end(step: Step, { state, text }: ProgressEvent): void {
  if (state === 'failed') step.fail(text);
  else if (state === 'warning') step.warn(text);
  else step.done(text);
}
