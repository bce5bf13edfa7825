/** Facts about how systems write days, and which day of the calendar they mean. */
import { compileDateFormat, dateFormatProblem } from './date-format.js';

describe('days as systems write them', () => {
  it.each([
    [{ format: 'yyyy-MM-dd' }, '2023-03-20', '2023-03-20'],
    [{ format: 'yyyy/MM/dd' }, '2023/03/20', '2023-03-20'],
    [{ format: 'yyyy/M/d' }, '2023/3/5', '2023-03-05'],
    [{ format: 'yyyyMMdd' }, '20230320', '2023-03-20'],
    [{ format: 'yyyy年M月d日' }, '2023年3月20日', '2023-03-20'],
    [{ format: 'd-MMM-yy h:mm a' }, '22-Nov-26 3:17 PM', '2026-11-22'],
    [{ format: 'yyyy-MM-dd HH:mm:ss', zone: 'UTC' }, '2023-03-19 16:00:00', '2023-03-20'],
    [{ format: 'yyyy-MM-dd HH:mm:ss' }, '2023-03-19 23:59:59', '2023-03-19'],
    [{ format: 'iso' }, '2023-03-19T16:00:00Z', '2023-03-20'],
    [{ format: 'iso' }, '2023-03-20T00:30:00.000+08:00', '2023-03-20'],
    [{ format: 'iso', dayIn: 'UTC' }, '2023-03-20T00:30:00+08:00', '2023-03-19'],
    [{ format: 'epoch-ms' }, '1679241600000', '2023-03-20'],
    [{ format: 'epoch-seconds' }, '1679241600', '2023-03-20'],
    [{ format: 'epoch-seconds', dayIn: 'UTC' }, '1679241600', '2023-03-19'],
    [{ format: 'dotnet' }, '/Date(1679241600000+0800)/', '2023-03-20'],
    [{ format: 'excel-serial' }, '45005', '2023-03-20'],
    [{ format: 'excel-serial' }, '45005.75', '2023-03-20'],
    [{ format: "yyyy-MM-dd'T'HH:mm", zone: 'America/New_York' }, '2023-03-19T12:00', '2023-03-20'],
  ])('%o reads %s as %s', (format, text, day) => {
    expect(dateFormatProblem(format)).toBeNull();
    expect(compileDateFormat(format)(text)).toBe(day);
  });

  it.each([
    [{ format: 'yyyy-MM-dd' }, '2023-02-29'],
    [{ format: 'yyyy/M/d' }, '2023/3/5 '],
    [{ format: 'yyyyMMdd' }, '2023032'],
    [{ format: 'epoch-ms' }, '1e15'],
    [{ format: 'epoch-ms' }, '9999999999999999'],
    [{ format: 'excel-serial' }, '-1'],
    [{ format: 'dotnet' }, '/Date(x)/'],
  ])('%o refuses %s', (format, text) => {
    expect(compileDateFormat(format)(text)).toBeNull();
  });

  it.each([
    [{ format: 'yyyy-QQ' }],
    [{ format: 'dd' }],
    [{ format: 'yyyy-MM', zone: 'Mars/Base' }],
    [{ format: 'epoch-ms', zone: 'UTC' }],
  ])('%o is told to be wrong', (format) => {
    expect(dateFormatProblem(format)).not.toBeNull();
  });
});
