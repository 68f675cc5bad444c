/** The look of the docs page: from 360 pixels up, light and dark, nothing loaded. */
export const DOCS_STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#525b66;--page:#fff;--card:#f4f6f8;--line:#d3d9e0;--accent:#1d4ed8;--on:#fff;--get:#1d4ed8;--post:#166534;--put:#854d0e;--delete:#b42318}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b2bc;--page:#14171b;--card:#1e2329;--line:#3a424b;--accent:#93b4ff;--on:#14171b;--get:#93b4ff;--post:#7ddc9b;--put:#f0c070;--delete:#ff9b8f}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0 auto;max-width:84rem;padding:1rem;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{margin:.5rem 0;font-size:1.75rem}
h2{margin:2.5rem 0 .25rem;font-size:1.375rem}
h4{margin:1.5rem 0 .5rem;font-size:1rem}
p{margin:.5rem 0;max-width:46rem}
a{color:var(--accent)}
code,pre,textarea,.method{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
pre{margin:.5rem 0;padding:.75rem;max-height:28rem;overflow:auto;border:1px solid var(--line);border-radius:.375rem;background:var(--page);white-space:pre-wrap}
small,.cap,i{color:var(--soft);font-size:.875rem;font-style:normal;font-weight:400}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[hidden]{display:none!important}
nav ul,.row{display:flex;flex-wrap:wrap;gap:.25rem .875rem;margin:.75rem 0;padding:0;list-style:none}
nav a{display:inline-block;padding:.125rem 0}
label{display:block;margin-top:.75rem;font-weight:600}
input,select,textarea{width:100%;margin-top:.25rem;padding:.5rem .625rem;border:1px solid var(--soft);border-radius:.375rem;background:var(--page);color:inherit;font:inherit}
textarea{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem;resize:vertical}
#token{-webkit-text-security:disc}
button{margin:1rem 0 .5rem;padding:.625rem 1.5rem;border:0;border-radius:.375rem;background:var(--accent);color:var(--on);font:inherit;font-weight:600;cursor:pointer}
button:disabled{opacity:.6;cursor:progress}
details.op,details.schema{margin:.5rem 0;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
summary{padding:.625rem .875rem;cursor:pointer}
details.op>summary>span:last-child{margin-left:.5rem;color:var(--soft)}
.wide td:nth-child(2){white-space:nowrap}
details>div{padding:0 .875rem .875rem}
.method{display:inline-block;min-width:4.25em;font-weight:700}
.get{color:var(--get)}.post{color:var(--post)}.put,.patch{color:var(--put)}.delete{color:var(--delete)}
table{width:100%;border-collapse:collapse;font-size:.9375rem}
th,td{padding:.375rem .75rem .375rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
thead th{color:var(--soft);font-size:.8125rem}
th b{display:block;color:var(--delete);font-size:.75rem;font-weight:600}
tbody th{width:24%}
form{margin-top:1.5rem;border-top:1px solid var(--line)}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,16rem),1fr));gap:0 1rem}
[role=status]{font-weight:600}
@media (max-width:40rem){
body{padding:.75rem}
details>div{padding:0 .625rem .625rem}
table,tbody,tr,th,td{display:block}
thead{position:absolute;left:-99rem}
tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
th,td{padding:0;border:0}
tbody th{width:auto}
th b{display:inline}
.wide td:nth-child(2),.wide td:nth-child(3){display:inline}
.wide td:nth-child(2)::after{content:" · "}
details.op>summary>span:last-child{display:block;margin:0}
}
@media (min-width:64rem){
body{display:grid;grid-template-columns:17rem minmax(0,1fr);gap:0 3rem;padding:1rem 2rem}
header,.skip{grid-column:2}
nav{grid-column:1;grid-row:1/span 3;position:sticky;top:0;max-height:100vh;overflow:auto;align-self:start;padding:1rem .25rem}
nav ul{display:block}
}
`;
