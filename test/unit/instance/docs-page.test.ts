/** The docs page as it is bundled for AWS, and against a document that wishes it ill. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../shared/api/openapi.ts';
import { docsPage } from '../../../shared/instance/docs-page.ts';

const document = openApiDocument('1.2.3');
const scriptOf = (page: string) => /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';

describe('the page', () => {
  it('takes every word of the document as text', () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'`;
    const [[path, methods]] = Object.entries(document.paths) as [[string, (typeof document.paths)[string]]];
    const operation = { ...Object.values(methods)[0]!, summary: evil, operationId: evil };
    const { text } = docsPage({
      ...document,
      info: { ...document.info, title: evil, description: evil },
      paths: { [path]: { get: operation } },
    });
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('onerror="');
    expect(text).toContain('&#60;img src=x onerror=&#34;alert(2)&#34;&#62;');
  });

  it('survives bundling: the minified script stands alone and has the hash that the policy names', async () => {
    const entry = fileURLToPath(new URL('../../../shared/instance/docs-page.ts', import.meta.url));
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
    });
    const code = Buffer.from(outputFiles[0]?.text ?? '').toString('base64');
    const bundled = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as {
      docsPage: typeof docsPage;
    };
    const { text, headers } = bundled.docsPage(document);
    const script = scriptOf(text);
    const hash = createHash('sha256').update(script).digest('base64');
    expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}';`);
    // It starts on an empty page: whatever it takes from outside is the browser's.
    const element = { addEventListener: () => {} };
    const page = { ...element, getElementById: () => element, querySelectorAll: () => [] };
    const browser = { ...element, document: page, location: { hash: '', origin: 'https://api.example' } };
    expect(() => new Script(script).runInNewContext(browser)).not.toThrow();
  });
});
