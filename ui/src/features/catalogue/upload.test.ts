// The upload's address and its preview.
import { expect, test } from 'vitest';
import { parseProblem } from '../../api/client.ts';
import { decoded, nameFrom, preview, uploadPath } from './upload.ts';

test('automatic choices are not sent', () => {
  const choices = { name: 'A & B', description: '', target: '', delimiter: 'tab', decimal: 'auto', header: 'no' };
  expect(uploadPath(choices)).toBe('/datasets?name=A+%26+B&delimiter=tab&header=no');
  expect(uploadPath(choices, 'id')).toBe('/datasets/id/versions?delimiter=tab&header=no');
});
test('a file names its data set', () => {
  expect(['kepler_planets.csv', 'a-b.TSV', 'plain'].map(nameFrom)).toEqual(['kepler planets', 'a b', 'plain']);
});
test('the preview shows the first lines and the rows a problem names', () => {
  const text = Array.from({ length: 50 }, (_, i) => `line ${i + 1}`).join('\r\n') + '\r\n';
  expect(preview(text).map(({ row }) => row)).toEqual([1, 2, 3, 4, 5, 6]);
  const named = preview(text, [{ row: 50, message: 'bad' }, { row: 900, message: 'beyond' }], 2);
  expect(named.map(({ row, isNamed }) => [row, isNamed])).toEqual([[1, false], [2, false], [49, false], [50, true]]);
});
test('bytes are read as the server reads them, and what is no text has no preview', () => {
  const bytes = (...all: number[]) => decoded(new Uint8Array(all));
  expect(bytes(0x78, 0x2c, 0xc3, 0xa4)).toBe('x,ä');
  expect(bytes(0x78, 0x2c, 0xe4)).toBe('x,');
  expect(bytes(0x78, 0xe4, 0x2c, 0x79)).toBe('xä,y');
  expect(bytes(0xff, 0xfe, 0x78, 0x00)).toBe('x');
  expect(bytes(0x50, 0x4b, 0x03, 0x04, 0x00)).toBeNull();
  expect(bytes()).toBe('');
});
test('an answer that is no problem is told by its status', () => {
  expect(parseProblem(502, 'Bad Gateway', '<html>')).toEqual({ type: 'about:blank', title: 'Bad Gateway', status: 502 });
  expect(parseProblem(422, '', '{"title":"no","errors":[{"row":3,"message":"m"}]}')).toMatchObject({ title: 'no', status: 422, errors: [{ row: 3 }] });
});
