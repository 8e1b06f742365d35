/** Figures as SVG documents, drawn by ECharts without a browser. */
import { crypto } from '../../lazy.js';
import { optionOf } from './option.js';
import { measure, type Measured, type Panel } from './measure.js';
import { echarts } from './packages.js';

/** Plots above each other get axes of one width. */
function align(measured: Measured[]): void {
  for (const one of measured) {
    const column = measured.filter((m) => m.panel.left === one.panel.left && m.panel.width === one.panel.width);
    one.margins.left = Math.max(...column.map((m) => m.margins.left));
    if (column.some((m) => m.panel.namelessX)) one.margins.right = Math.max(...column.map((m) => m.margins.right));
  }
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for an element or attribute; characters that XML does not allow are left out. */
export const escapeXml = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"]/g, (c) => escapes[c]);

/**
 * What only a page with ECharts uses is left out, and identifiers, which ECharts counts up, become ones that depend on the content:
 * the same figure is the same text, and two figures can stand in one page.
 */
function tidy(svg: string, name: string): string {
  const plain = svg
    .replace(/<style\s*>[\s\S]*?<\/style>\s*/g, '')

    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/<image /g, '<image preserveAspectRatio="none" ')
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/ (class="zr\d+-cls-\d+"|ecmeta_[a-z_]+="[^"]*"|pointer-events="visible"|xml:space="preserve")/g, ''),
    );
  const id = crypto()
    .createHash('sha256')
    .update(plain.replace(/zr\d+-/g, ''))
    .digest('hex')
    .slice(0, 8);
  return plain
    .replace(/(id="|url\(#)zr\d+-/g, `$1p${id}-`)
    .replace('<svg ', `<svg role="img" aria-label="${escapeXml(name)}" `);
}

/** Draws panels. The chart is disposed of whatever happens: one that is not keeps memory and the process. */
export function drawSvg(panels: Panel[], width: number, height: number, background: string, name: string): string {
  const measured = panels.map(measure);
  align(measured);
  const option = optionOf(measured, background);
  const chart = echarts().init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return tidy(chart.renderToSVGString(), name);
  } finally {
    chart.dispose();
  }
}
