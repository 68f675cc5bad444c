/** What the demo prints: steps, commands, a progress line. Colour and movement only where a terminal shows them (NO_COLOR holds). */
import { styleText } from 'node:util';

/** `styleText` looks at the stream and at NO_COLOR itself. */
const styled = (style: 'bold' | 'dim' | 'green' | 'cyan', text: string) =>
  styleText(style, text, { stream: process.stdout });

let steps = 0;

export function step(title: string): void {
  steps += 1;
  console.log(`\n${styled('bold', `${steps}. ${title}`)}`);
}

export const command = (text: string): void => console.log(styled('dim', text.replace(/^/gm, '   ')));
export const done = (text: string): void => console.log(`   ${styled('green', '✓')} ${text}`);
export const lines = (text: string): void => console.log(text.replace(/^(?=.)/gm, '   '));
export const accent = (text: string): string => styled('cyan', text);

const WIDTH = 30;

/** A line that grows; where it can't be rewritten, nothing is printed until the end. */
export function progress(total: number): (count: number) => void {
  if (!process.stdout.isTTY) return () => {};
  return (count) => {
    const filled = Math.round((WIDTH * count) / total);
    const bar = styled('cyan', '█'.repeat(filled)) + '░'.repeat(WIDTH - filled);
    process.stdout.write(`\r   ${bar} ${count}/${total} readings`);
    if (count === total) process.stdout.write('\r\u001b[K');
  };
}
