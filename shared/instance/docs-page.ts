/** The docs page: the OpenAPI document as a page to read. Server-rendered. */
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: object;
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function docsPage({ info, paths }: Document): string {
  const rows = Object.entries(paths as Record<string, Record<string, { summary: string }>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(
        ([method, { summary }]) =>
          `<tr><td>${method.toUpperCase()}</td><td><code>${escapeHtml(path)}</code></td><td>${escapeHtml(summary)}</td></tr>`,
      ),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(info.title)} API</title><h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1><p>${escapeHtml(info.description)}</p><table>${rows.join('')}</table></html>`;
}
