// Formulas from outside: what is kept, what never gets into the page.
import { describe, expect, test } from 'vitest';
import { equation, pieces, readMathml, rightSide, type MathNode } from './mathml.ts';

const wrap = (inner: string) => `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">${inner}</math>`;
const show = (node: MathNode | string): string =>
  typeof node === 'string' ? node : `${node.name}(${node.children.map(show).join(' ')})`;
const read = (inner: string) => {
  const tree = readMathml(wrap(inner));
  return tree && show(tree);
};

describe('MathML', () => {
  test('keeps formulas whole', () => {
    expect(read('<mfrac><mn>1</mn><msqrt><mi>x</mi></msqrt></mfrac><mo>−</mo><mn>2</mn>')).toBe('math(mfrac(mn(1) msqrt(mi(x))) mo(−) mn(2))');
    expect(readMathml(wrap('<mi mathvariant="normal">e</mi>'))).toMatchObject({ attributes: { display: 'block' }, children: [{ attributes: { mathvariant: 'normal' } }] });
  });
  test('reads entities', () => {
    expect(read('<mi>a&lt;b</mi><mo>&#x2062;</mo><mo>&#215;</mo>')).toBe('math(mi(a<b) mo(\u2062) mo(×))');
  });
  test.each([
    ['script', '<script>alert(1)</script><mi>x</mi>', 'math(mi(x))'],
    ['foreign elements with all they hold', '<annotation-xml><mi>y</mi><img src="x" onerror="alert(1)"></img></annotation-xml><mi>x</mi>', 'math(mi(x))'],
    ['comments', '<!-- <script> --><mi>x</mi>', 'math(mi(x))'],
  ])('drops %s', (_what, inner, kept) => expect(read(inner)).toBe(kept));
  test.each([['y', 'mi(y)'], ['v_max', 'msub(mi(v) mi(max))'], ['x12', 'msub(mi(x) mn(12))'], ['a_1', 'msub(mi(a) mn(1))'], ['period', 'mi(period)'], ['log_reynolds', 'mi(log_reynolds)'], ['_a', 'mi(_a)']])(
    'becomes an equation for %s', (name, shown) => {
      const tree = readMathml(wrap('<mn>2</mn><mi>x</mi>'));
      expect(tree && show(equation(name, tree))).toBe(`math(${shown} mo(=) mrow(mn(2) mi(x)))`);
    });
  test('loses the name in front of it', () => {
    const tree = readMathml(wrap('<mrow><mi>y</mi><mo>=</mo><mn>2</mn><mi>x</mi></mrow>'));
    expect(tree && show(rightSide(tree))).toBe('math(mrow(mn(2) mi(x)))');
    expect(tree && show(equation('y', tree))).toBe('math(mi(y) mo(=) mrow(mrow(mn(2) mi(x))))');
  });
  test('breaks between the terms of a sum only', () => {
    const broken = (inner: string) => pieces(readMathml(wrap(inner))!).map(show);
    const sum = '<mrow><mo>−</mo><mn>3</mn><mi>x</mi><mo>+</mo><mn>4</mn><mo>−</mo><mi>z</mi></mrow>';
    expect(broken(sum)).toEqual(['math(mrow(mo(−) mn(3) mi(x)))', 'math(mrow(mo(+) mn(4)))', 'math(mrow(mo(−) mi(z)))']);
    expect(broken(`<mi>y</mi><mo>=</mo>${sum}`)[0]).toBe('math(mrow(mi(y) mo(=) mo(−) mn(3) mi(x)))');
    const nested = `<mrow><mrow>${sum}<mo>+</mo><mn>5</mn></mrow><mo>−</mo><mi>w</mi></mrow>`;
    expect(broken(nested).slice(2)).toEqual(['math(mrow(mo(−) mi(z)))', 'math(mrow(mo(+) mn(5)))', 'math(mrow(mo(−) mi(w)))']);
    expect(broken(`<mi>y</mi><mo>=</mo>${nested}`)).toHaveLength(5);
    const product = `<mrow><mn>2</mn><mrow><mo>(</mo>${sum}<mo>)</mo></mrow></mrow>`;
    expect(broken(product)).toHaveLength(1);
  });
  test('has a gap before names of several letters', () => {
    const gaps = (inner: string) => JSON.stringify(readMathml(wrap(inner))).includes('lspace');
    expect([gaps('<mn>2</mn><mo>&#x2062;</mo><mi>flow</mi>'), gaps('<mn>2</mn><mo>&#x2062;</mo><msub><mi>air</mi><mi>t</mi></msub>'), gaps('<mn>2</mn><mo>&#x2062;</mo><mi>x</mi>')]).toEqual([true, true, false]);
  });
  test('drops links, style and handlers', () => {
    expect(readMathml(wrap('<mi href="javascript:alert(1)" style="color:red" onclick="alert(1)" class="big">x</mi>'))).toMatchObject({
      children: [{ name: 'mi', attributes: {} }],
    });
  });
  test.each(['', 'x', '<mi>x</mi>', '<math><mi>x</math>', '<math><mi>x</mi>', '<math></math><math></math>', '<math><</math>', '<svg></svg>', `<math>${'<mrow>'.repeat(500)}${'</mrow>'.repeat(500)}</math>`])(
    'refuses what is not one well-formed formula: %#', (text) => expect(readMathml(text)).toBeNull());
});
