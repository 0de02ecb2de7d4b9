# Samples, one a line: measurement and unit joined by "|", checkout, value; separated by tabs. Prints a Markdown table: rows in order of appearance,
# per checkout (their names, a line each, in CHECKOUTS) median, least and most, and each further checkout's median over the first's.
BEGIN { FS = "\t"; checkouts = split(ENVIRON["CHECKOUTS"], checkout, "\n") }
{
    if (!($1 in seen)) { seen[$1] = 1; row[++rows] = $1 }
    samples[$1, $2, ++count[$1, $2]] = $3 + 0
}
function figure(x) { return sprintf(x == int(x) || x >= 1000 ? "%.0f" : x >= 100 ? "%.1f" : x >= 1 ? "%.2f" : "%.3f", x) }
function sorted(key, n,    i, j, x) {
    for (i = 1; i <= n; i++) value[i] = samples[key, i]
    for (i = 2; i <= n; i++) {
        x = value[i]
        for (j = i - 1; j >= 1 && value[j] > x; j--) value[j + 1] = value[j]
        value[j + 1] = x
    }
}
function median(key,    n) {
    n = count[key]
    sorted(key, n)
    return n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
}
END {
    if (rows == 0) exit
    line = "| measurement | unit | better | runs |"
    rule = "|---|---|---|---:|"
    for (c = 1; c <= checkouts; c++) {
        line = line " " checkout[c] " median | min | max |"
        rule = rule "---:|---:|---:|"
    }
    for (c = 2; c <= checkouts; c++) {
        line = line " " checkout[c] "/" checkout[1] " |"
        rule = rule "---:|"
    }
    print line
    print rule
    for (r = 1; r <= rows; r++) {
        split(row[r], part, "|")
        line = "| " part[1] " | " part[2] " | " (part[2] ~ /\/s$/ ? "more" : "less") " | " count[row[r], checkout[1]] + 0 " |"
        for (c = 1; c <= checkouts; c++) {
            key = row[r] SUBSEP checkout[c]
            if (count[key] == 0) { line = line " - | - | - |"; continue }
            middle[c] = median(key)
            line = line " " figure(middle[c]) " | " figure(value[1]) " | " figure(value[count[key]]) " |"
        }
        for (c = 2; c <= checkouts; c++) {
            absent = count[row[r], checkout[1]] == 0 || count[row[r], checkout[c]] == 0 || middle[1] == 0
            line = line " " (absent ? "-" : sprintf("%.2f", middle[c] / middle[1])) " |"
        }
        print line
    }
}
