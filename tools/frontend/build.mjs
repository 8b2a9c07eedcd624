// Builds what the pages serve from third parties and from our own sources, into static/vendor (not committed).
// Run after `npm ci`; the wheel ships the result, so its users need no Node.
import { build } from 'esbuild';
import { cpSync, mkdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs';

const web = '../../src/fourflow/interfaces/web/static';
const sources = '../../src/fourflow/interfaces/web/assets';
const out = `${web}/vendor`;
// Chromium 110 is the floor of the browsers that state enterprises run.
const target = ['chrome110', 'firefox115', 'safari16'];

rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}/fonts`, { recursive: true });

const common = { bundle: true, minify: true, target, legalComments: 'none', sourcemap: false, logLevel: 'warning' };
await build({ ...common, entryPoints: [`${sources}/css/fourflow.css`], outdir: out, external: ['*.woff2'] });
await build({ ...common, entryPoints: [`${sources}/js/fourflow.js`], outdir: out, format: 'esm' });
await build({
  ...common, entryPoints: ['charts.js'], outdir: out, format: 'esm', legalComments: 'linked',
  define: { 'process.env.NODE_ENV': '"production"', __DEV__: 'false' },
});

cpSync('node_modules/htmx.org/dist/htmx.min.js', `${out}/htmx.js`);
const inter = 'node_modules/@fontsource-variable/inter/files';
for (const subset of ['latin', 'latin-ext'])
  cpSync(`${inter}/inter-${subset}-wght-normal.woff2`, `${out}/fonts/inter-${subset}.woff2`);

// the fonts of papers (platform/pdf): whole, for a party's name may have any character
const papers = '../../src/fourflow/platform/pdf/fonts';
rmSync(papers, { recursive: true, force: true });
mkdirSync(papers, { recursive: true });
for (const weight of ['Regular', 'Bold'])
  cpSync(`node_modules/@embedpdf/fonts-sc/fonts/NotoSansHans-${weight}.otf`, `${papers}/NotoSansHans-${weight}.otf`);
cpSync('node_modules/@embedpdf/fonts-sc/LICENSE', `${papers}/OFL.txt`);

const licence = (name, file) => `${name}\n\n${readFileSync(`node_modules/${file}`, 'utf8')}\n`;
writeFileSync(`${out}/LICENCES.txt`, [
  licence('htmx', 'htmx.org/LICENSE'),
  licence('Inter', '@fontsource-variable/inter/LICENSE'),
  licence('Apache ECharts', 'echarts/LICENSE'),
].join('\n'));
