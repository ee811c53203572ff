# Words of the browser application.

## Shell
skip-to-content = Skip to the content
nav-label = Pages
nav-data-sets = Data sets
nav-jobs = Jobs
nav-api = API
nav-keys = Keys: { $keys }
close = Close
cancel = Cancel
delete = Delete
retry = Retry
stop = Stop
loading = Loading…
rows = Rows
live-open-label = Live
live-open-title = Changes appear by themselves; press to pause
live-connecting-label = Connecting
live-connecting-title = Connecting to the live stream
live-paused = Paused
live-go-on = The page stays as it is; press to go on
live-lost-label = Offline
live-lost-title = The live stream is interrupted
live-lost = The connection to the server is interrupted. What you see may be old; the page goes on by itself.
theme-switch = Theme: { $theme }
theme-auto = as the system
theme-light = light
theme-dark = dark
palette-open = Go to…
palette-label = Go to a page or a data set
palette-placeholder = Type a page, a data set or a formula
palette-none = Nothing found
unknown-title = There is no such page
unknown-text = The address { $path } leads nowhere.
unknown-back = To the data sets
problem-row = row { $row }
problem-column = column { $column }
problem-trace = Trace
severity-info = Note
severity-warning = Warning
severity-error = Error
findings-title = Findings
findings-all = Show all { $count }
findings-fewer = Show fewer
export-csv = CSV
export-csv-title = Save this table as a CSV file
export-nothing = There is nothing to save
chart-failed = The chart could not be loaded; its data are in the CSV file.
chart-csv = Save the data of “{ $title }” as CSV
chart-png = Save “{ $title }” as an image
copy-text = Text
copy-as = Copy the formula as { $form }
copied = Copied as { $form }
state-waiting = Waiting
state-running = Running
state-done = Done
state-failed = Failed
state-cancelled = Cancelled
r2-title = Share of the target's variance that the formula explains
rmse = RMSE
rmse-title = Root of the mean squared error, in units of the target
exact = exact
exact-title = Hits every row up to rounding
chosen = chosen
target = Target
target-title = The column that formulas are found for
constant = constant
measured = Measured
residual = Residual
residuals = Residuals: measured minus predicted
option-auto = automatic

## Overview
overview-title = Data sets
overview-text = Each data set with the formula that explains it.
overview-find = Find by name or formula
overview-picture = Picture
overview-data-set = Data set
overview-formula = Formula
overview-line = Linear fit
overview-line-r2 = R² lin.
overview-search = Find formula
overview-empty-title = No data sets yet
overview-empty-text = Bring a table of measurements; Quorate looks for the formula behind it and shows how sure it is.
overview-none-title = Nothing matches
overview-none-text = No data set contains “{ $text }”.
search-started = Searching a formula for { $name }

## Upload
upload-title = New data set
upload-text = A table of numbers: one row per observation, one column per quantity. CSV and tab-separated files are understood.
upload-version-title = New version of { $name }
upload-version-text = The new table takes the place of the old one; earlier versions and what was found for them are kept.
upload-drop = Drop a file here
upload-choose = Choose a file
upload-other = Take another
upload-paste = or paste the table
upload-preview = First lines
upload-empty = The file is empty.
upload-no-text = This file is not text. Save the table as CSV and take that.
upload-name = Name
upload-name-hint = from the file's name
upload-description = Description
upload-target = Target column
upload-target-hint = the last column
upload-options = Reading options
upload-delimiter = Delimiter
upload-decimal = Decimal sign
upload-header = First line
delimiter-comma = comma
delimiter-semicolon = semicolon
delimiter-tab = tab
delimiter-bar = bar
delimiter-space = space
decimal-point = point (3.14)
decimal-comma = comma (3,14)
header-yes = names of the columns
header-no = data
upload-action = Upload
upload-nothing = Drop, choose or paste a table first
upload-sending = Upload
upload-reading = Reading the table…
upload-done =
    { $rows ->
        [one] { $name }: one row read
       *[other] { $name }: { $rows } rows read
    }

## Data set
data-set = Data set
data-set-number = No. { $number }
data-set-number-title = The number by which programs name this data set
data-set-size =
    { $rowsText } { $rows ->
        [one] row
       *[other] rows
    } · { $columns ->
        [one] one column
       *[other] { $columns } columns
    } · version { $version }
data-set-noticed = Noticed while reading
data-set-all-findings = All findings
data-set-new-version = New version
data-set-edit = Edit
data-set-edit-title = Edit the data set
data-set-saved = Saved
data-set-stale = Somebody else changed this data set meanwhile. Look at it again before you save.
save = Save
data-set-gone-title = This data set does not exist
data-set-gone-text = It may have been deleted.
data-set-deleted = { $name } is deleted
data-set-delete-title = Delete “{ $name }”?
data-set-delete-text = Its rows, versions, fits and formulas are deleted with it. This cannot be undone.
tabs-label = Parts of the data set
tab-formula = Formula
tab-line = Linear fit
tab-columns = Columns
tab-rows = Rows
plot-title = Data and fit
plot-of = { $y } over { $x }
plot-x = Horizontal axis
plot-log = Log scales
plot-thinned = Shows { $shown } of { $total } points.
plot-nothing = A picture needs two columns of numbers.
plot-compare-line = Compare with linear fit
analysis-old = Made from version { $version } of the data.
columns-title = Columns
rows-title = Rows 1 to { $shown } of { $total }
rows-more = Show more
rows-csv-title = Save all rows as a CSV file
profile-name = Column
profile-kind = Kind
profile-unit = Unit
profile-histogram = Distribution
profile-min = Least
profile-q1 = Lower quartile
profile-median = Median
profile-q3 = Upper quartile
profile-max = Greatest
profile-mean = Mean
profile-std_dev = Std. deviation
profile-distinct = Distinct
profile-missing = Missing
kind-number = number
kind-integer = whole number
kind-text = text
kind-empty = empty

## Linear fit
line-title = Linear fit
line-none-title = No linear fit yet
line-none-text = The simplest explanation: a weighted sum of the columns, by least squares.
line-start = Fit
line-again = Fit again
line-running = The fit is being computed…
coefficients-title = Coefficients
coefficient-term = Term
coefficient-value = Value
coefficient-std_error = Std. error
coefficient-t = t
coefficient-p = p
coefficient-p-title = Chance of a coefficient at least this far from zero if the term had no influence
coefficient-low = 95 % low
coefficient-high = 95 % high
fit-adjusted-r2 = Adjusted R²
fit-adjusted-r2-title = R² that pays for each coefficient
fit-residual-error = Residual error
fit-residual-error-title = Standard deviation of the residuals
fit-f-p = p of F
fit-f-title = Test of all terms together against the mean alone
fit-criterion-title = Information criterion: less is better, only comparable on the same data
fit-n = Rows / freedom
fit-n-title = Rows used, and degrees of freedom left

## Formula search
formula-chosen = Chosen formula
formula-other = Formula from the front
formula-so-far = best so far
formula-searching-title = Searching
formula-searching-text = The first formulas appear here as soon as they are found.
formula-none-title = No formula yet
formula-none-text = Start a search: simple laws are found in seconds, and you can stop at any time and keep the best.
reasons-title = Why this one
search-title = Search
search-which = Which search to show
search-run = Search { $number }
search-budget = Time budget
preset-quick = Quick
preset-normal = Normal
preset-thorough = Thorough
preset-deep = Deep
search-start = Search
search-again = Search again
search-progress = Progress of the search
search-stopping = Stopping; the best formulas are kept
search-evaluations =
    { $count ->
        [one] one formula tried
       *[other] { $text } formulas tried
    }
search-advanced = Advanced options
search-max-size = Largest size
search-seed = Seed
search-noise-free = Data without noise
search-operators = A formula may use
operators-powers = powers and roots
operators-exponentials = exponentials and logarithms
operators-waves = sines and their inverses
operators-extremes = maximum, minimum, absolute value
search-inputs = Inputs (none marked: all)
search-no-inputs = A search needs a numeric target and at least one other numeric column
member-size = Size
member-size-title = Constants, columns and operations in the formula
member-mse = Error (MSE)
member-mse-title = Mean squared error
member-length = Bits
member-length-title = Description length: what it costs to tell the formula and its errors; the least is chosen
front-title = Best formula of each size
front-chart-title = Error over size
front-chart-text = Click a point to look at its formula.
front-shown = Shown
front-pick = Show { $formula }

## Jobs
job = Job
jobs-text = Every analysis is a job: it survives a restart and can be cancelled or tried again.
jobs-states = States
jobs-all = All
jobs-newest = The newest { $count } jobs
jobs-none-title = No jobs here
jobs-none-text = Fits and searches appear here as soon as they are started.
job-state = State
job-actions = Actions
job-title = Job
job-kind = Kind
job-service = Service
job-progress = Progress
job-progress-of = Progress of { $title }
job-attempt = Attempt
job-took = Took
job-created = Created
job-queue = Queue
job-priority = Priority
job-cancel-of = Cancel { $title }
job-retry-of = Retry { $title }
job-cancelling = Cancelling { $title }
job-retrying = { $title } is tried again
job-cancel-not = Only a waiting or running job can be cancelled
job-retry-not = Only a failed or cancelled job can be tried again
job-cancel-requested = Cancelling…
job-waiting = Waits for its turn
job-error = The job did not succeed
job-facts = Facts
job-crashes =
    { $count ->
        [one] The process ended once during this job.
       *[other] The process ended { $count } times during this job.
    }
job-timeline = Timeline
job-subject = Open the result
job-open = Open the job
job-all = All jobs
job-gone-title = This job does not exist
job-gone-text = Old jobs are removed after some time.
timeline-created = Created
timeline-planned = Next attempt planned
timeline-started = Attempt { $attempt } started
timeline-done = Done
timeline-failed = Failed
timeline-cancelled = Cancelled
