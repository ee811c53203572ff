// Reads the MathML the server sends into a tree of known elements. Nothing else survives, so that a formula can
// never bring script, style or links into the page.

export type MathNode = { name: string; attributes: Record<string, string>; children: (MathNode | string)[] };

const elements = new Set(
  'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msup msub msubsup munder mover munderover mtable mtr mtd mstyle mpadded mphantom merror'.split(' '),
);
const attributes = new Set(
  'display displaystyle mathvariant stretchy fence separator form lspace rspace width height depth linethickness scriptlevel largeop movablelimits symmetric accent dir minsize maxsize'.split(' '),
);
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };
const deepest = 200;

/** The tree of a formula, or null when the text is not well-formed MathML. */
export function readMathml(text: string): MathNode | null {
  const root: MathNode = { name: '', attributes: {}, children: [] };
  const open: { node: MathNode; tag: string; kept: boolean }[] = [{ node: root, tag: '', kept: true }];
  for (const token of text.match(/<!--[\s\S]*?-->|<[^>]*>|[^<]+|</g) ?? []) {
    const top = open.at(-1);
    if (!top || open.length > deepest) return null;
    if (token.startsWith('<!--') || token.startsWith('<?')) continue;
    if (token.startsWith('</')) {
      if (open.length < 2 || top.tag !== token.slice(2, -1).trim()) return null;
      open.pop();
    } else if (token.startsWith('<')) {
      const tag = /^<([A-Za-z][\w:.-]*)([\s\S]*?)(\/?)>$/.exec(token);
      if (!tag) return null;
      const [, name = '', rest = '', closes] = tag;
      const node: MathNode = { name, attributes: readAttributes(rest), children: [] };
      const kept = top.kept && elements.has(name);
      if (kept) top.node.children.push(node);
      if (!closes) open.push({ node, tag: name, kept });
    } else if (top.kept && top.node !== root) {
      const words = unescape(token);
      if (words.trim() !== '') top.node.children.push(words);
    }
  }
  const [math] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || typeof math !== 'object' || math.name !== 'math') return null;
  return spaced(math);
}

/** An unseen product needs a gap before a name of several letters: `0.7 flow` instead of `0.7flow`. */
function spaced(node: MathNode): MathNode {
  const children = node.children.map((child, i) => {
    if (typeof child === 'string') return child;
    const isGap = child.name === 'mo' && child.children[0] === '\u2062' && startsWithWord(node.children[i + 1]);
    return isGap ? { ...child, attributes: { ...child.attributes, lspace: '0.2em' } } : spaced(child);
  });
  return { ...node, children };
}

function startsWithWord(node: MathNode | string | undefined): boolean {
  if (typeof node !== 'object') return false;
  const [first] = node.children;
  if (node.name === 'mi') return typeof first === 'string' && first.length > 1;
  return ['msub', 'msup', 'mrow'].includes(node.name) && startsWithWord(first);
}

/** The formula without `name =` in front of it, which some come with. */
export function rightSide(formula: MathNode): MathNode {
  const [only] = formula.children;
  if (formula.children.length === 1 && typeof only === 'object' && only.name === 'mrow') {
    return { ...formula, children: [rightSide(only)] };
  }
  const equals = formula.children.findIndex((child) => typeof child === 'object' && child.name === 'mo' && child.children[0] === '=');
  return equals < 0 ? formula : { ...formula, children: formula.children.slice(equals + 1) };
}

/** The formula as an equation with the name of what it explains. */
export function equation(name: string, formula: MathNode): MathNode {
  const equals = leaf('mo', '=');
  return { ...formula, children: [nameOf(name), equals, { name: 'mrow', attributes: {}, children: rightSide(formula).children }] };
}

/** Names look as in the server's formulas: `v_max` and `x1` with an index, `log_reynolds` as two words. */
function nameOf(name: string): MathNode {
  const [, head = '', index = ''] = /^([^_]{1,2})_(.+)$/.exec(name) ?? /^([^\d])(\d+)$/.exec(name) ?? [];
  if (!head) return leaf('mi', name);
  return { name: 'msub', attributes: {}, children: [leaf('mi', head), leaf(/^\d+$/.test(index) ? 'mn' : 'mi', index)] };
}

function leaf(name: string, text: string): MathNode {
  return { name, attributes: {}, children: [text] };
}

/** A sum in pieces, each with its sign in front, between which a line can break; other formulas are one piece. */
export function pieces(formula: MathNode): MathNode[] {
  const terms = rowOf(formula);
  const starts = terms.flatMap((term, i) => (i > 0 && isSign(term) && !isOperator(terms[i - 1]) ? [i] : []));
  if (starts.length === 0) return [formula];
  return [0, ...starts].map((start, i) => {
    const [first, ...rest] = terms.slice(start, starts[i]);
    // At the start of a piece the sign would be read as that of a number, and stand close to it.
    const sign = typeof first === 'object' && start > 0 ? { ...first, attributes: { ...first.attributes, form: 'infix' } } : first;
    const children = sign === undefined ? rest : [sign, ...rest];
    return { ...formula, children: [{ name: 'mrow', attributes: {}, children }] };
  });
}

/** What the innermost row around the whole formula holds; rows that only group the start of a sum are opened. */
function rowOf(node: MathNode): (MathNode | string)[] {
  const [only] = node.children;
  const children = node.children.length === 1 && typeof only === 'object' && only.name === 'mrow' ? rowOf(only) : node.children;
  return children.flatMap((child, i) => {
    const opens = i === 0 ? isSign(children[1]) : i === children.length - 1 && isOperator(children[i - 1], '=');
    return opens && typeof child === 'object' && child.name === 'mrow' ? rowOf(child) : [child];
  });
}

function isSign(node: MathNode | string | undefined): boolean {
  return isOperator(node, '+') || isOperator(node, '−') || isOperator(node, '-');
}

function isOperator(node: MathNode | string | undefined, sign?: string): boolean {
  return typeof node === 'object' && node.name === 'mo' && (sign === undefined || node.children[0] === sign);
}

/** The elements themselves; only names from the lists above ever get here. */
export function buildMathml({ name, attributes: values, children }: MathNode): Element {
  const element = document.createElementNS('http://www.w3.org/1998/Math/MathML', name);
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
  for (const child of children) element.append(typeof child === 'string' ? child : buildMathml(child));
  return element;
}

function readAttributes(text: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [, name = '', double, single] of text.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (attributes.has(name)) kept[name] = unescape(double ?? single ?? '');
  }
  return kept;
}

function unescape(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, code: string) => {
    if (!code.startsWith('#')) return entities[code] ?? whole;
    const point = code[1] === 'x' || code[1] === 'X' ? parseInt(code.slice(2), 16) : Number(code.slice(1));
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '';
  });
}
