// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "app/cli/completion.h"

#include "core/model/logline.h"
#include "core/model/signalname.h"

#include <QMap>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

namespace {

struct Shell
{
    QLatin1StringView name;
    const char *script;
};

// Each asks the program itself, so that they know what it knows. ":files" stands for files.
constexpr std::array shells = {
    Shell{"bash"_L1, R"(# bash completion of pmdaemon: source <(pmdaemon completion bash)
_pmdaemon() {
    local cur="${COMP_WORDS[COMP_CWORD]}" line words
    COMPREPLY=()
    # A name with a colon is several words to bash.
    words="${COMP_LINE:0:COMP_POINT}"
    read -ra words <<<"$words"
    [[ "${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=("")
    while IFS= read -r line; do
        if [[ "$line" == ":files" ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
    if declare -F __ltrim_colon_completions >/dev/null; then
        __ltrim_colon_completions "${words[-1]}"
    fi
}
complete -F _pmdaemon pmdaemon
)"},
    Shell{"zsh"_L1, R"(#compdef pmdaemon
# zsh completion of pmdaemon: source <(pmdaemon completion zsh)
_pmdaemon() {
    local line
    local -a candidates
    local files=0
    for line in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ "$line" == ":files" ]]; then
            files=1
        elif [[ -n "$line" ]]; then
            line="${line//:/\\:}"
            candidates+=("${line/$'\t'/:}")
        fi
    done
    (( ${#candidates} )) && _describe -t pmdaemon pmdaemon candidates
    (( files )) && _files
}
(( $+functions[compdef] )) && compdef _pmdaemon pmdaemon
)"},
    Shell{"fish"_L1, R"(# fish completion of pmdaemon: pmdaemon completion fish | source
function __pmdaemon_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c pmdaemon -f -a '(__pmdaemon_complete)'
)"},
};

QString toText(const std::string &text)
{
    return QString::fromStdString(text);
}

/// One line, the first sentence of what may be long.
QString shortened(const std::string &description)
{
    return toText(description).section(u'\n', 0, 0).section(u" ("_s, 0, 0).simplified();
}

bool takesValue(const CLI::Option &option)
{
    return option.get_items_expected_max() > 0;
}

class Finder
{
public:
    Finder(const CLI::App &tree, const QStringList &words)
        : m_tree(tree)
        , m_prefix(words.isEmpty() ? QString() : words.constLast())
    {
        for (const QString &word : words.first(std::max<qsizetype>(0, words.size() - 1)))
            take(word);
    }

    Completion find()
    {
        if (m_open)
            completeValue(*m_open);
        else if (m_prefix.startsWith(u'-') && !m_onlyArguments)
            addOptions();
        else if (m_command)
            completeArgument();
        else
            addCommands();
        return std::move(m_completion);
    }

private:
    void take(const QString &word)
    {
        if (m_open) {
            m_open = nullptr;
            return;
        }
        if (word == "--"_L1) {
            m_onlyArguments = true;
        } else if (word.startsWith(u'-') && !m_onlyArguments) {
            const CLI::Option *option = optionOf(word);
            m_open = option && takesValue(*option) && !word.contains(u'=') ? option : nullptr;
        } else if (!m_command) {
            m_command = commandOf(word);
        } else {
            ++m_arguments;
        }
    }

    std::vector<const CLI::App *> levels() const
    {
        return m_command ? std::vector{m_command, &m_tree} : std::vector{&m_tree};
    }
    std::vector<const CLI::App *> commands() const
    {
        return m_tree.get_subcommands([](const CLI::App *) { return true; });
    }

    const CLI::App *commandOf(const QString &word) const
    {
        for (const CLI::App *command : commands()) {
            if (command->check_name(word.toStdString()))
                return command;
        }
        return nullptr;
    }

    const CLI::Option *optionOf(const QString &word) const
    {
        const std::string name = word.section(u'=', 0, 0).toStdString();
        for (const CLI::App *level : levels()) {
            for (const CLI::Option *option : level->get_options()) {
                if (option->check_name(name))
                    return option;
            }
        }
        return nullptr;
    }

    void add(const QString &text, const QString &about = {})
    {
        const Candidate candidate{text, about};
        if (text.startsWith(m_prefix) && !m_completion.candidates.contains(candidate))
            m_completion.candidates.append(candidate);
    }

    void addCommands()
    {
        for (const CLI::App *command : commands())
            add(toText(command->get_name()), shortened(command->get_description()));
    }

    void addOptions()
    {
        for (const CLI::App *level : levels()) {
            for (const CLI::Option *option : level->get_options()) {
                for (const std::string &name : option->get_lnames())
                    add(u"--"_s + toText(name), shortened(option->get_description()));
            }
        }
    }

    void completeValue(const CLI::Option &option)
    {
        if (!option.check_lname("level"))
            m_completion.files = true;
        for (int level = 0; option.check_lname("level") && level <= int(LogLevel::Fatal); ++level)
            add(toString(LogLevel(level)));
    }

    /// By the names that the command's arguments have in its help.
    void completeArgument()
    {
        const auto arguments = m_command->get_options(
            [](const CLI::Option *option) { return option->get_positional(); });
        const auto takes = [&arguments](const char *name) {
            return std::any_of(arguments.begin(), arguments.end(), [name](const CLI::Option *each) {
                return each->get_name(true) == name;
            });
        };
        const bool isFirst = m_arguments == 0;
        if (takes("SIGNAL") && isFirst) {
            for (const int number : {1, 2, 3, 6, 9, 10, 12, 15, 18, 19})
                add(signalName(number));
            return;
        }
        for (const Shell &shell : shells) {
            if (takes("SHELL"))
                add(shell.name);
        }
        if (takes("COMMAND"))
            addCommands();
        const bool isStart = takes("SCRIPT|CONFIG|NAME");
        m_completion.processes = takes("TARGET") || (isFirst && (takes("APP") || isStart));
        m_completion.files = isStart || takes("FILE") || takes("DUMP");
    }

    const CLI::App &m_tree;
    const QString m_prefix;
    Completion m_completion;
    const CLI::App *m_command = nullptr;
    const CLI::Option *m_open = nullptr; ///< its value comes next
    int m_arguments = 0;                 ///< of the command, before the word
    bool m_onlyArguments = false;
};

} // namespace

Completion completionFor(const CLI::App &tree, const QStringList &words)
{
    return Finder(tree, words).find();
}

QList<Candidate> processesFor(const QList<ProcessEntry> &processes, const QString &prefix)
{
    QMap<QString, QString> found; // sorted, each once
    QMap<QString, int> instances;
    if (!processes.isEmpty())
        found.insert(u"all"_s, {});
    for (const ProcessEntry &entry : processes) {
        ++instances[entry.app];
        found.insert(u"namespace:"_s + entry.nameSpace, {});
        found.insert(entry.name, toString(entry.status));
    }
    for (auto it = instances.cbegin(); it != instances.cend(); ++it) {
        if (*it > 1)
            found.insert(it.key(), u"×%1"_s.arg(*it));
    }
    QList<Candidate> candidates;
    for (auto it = found.cbegin(); it != found.cend(); ++it) {
        if (it.key().startsWith(prefix))
            candidates.append({it.key(), *it});
    }
    return candidates;
}

std::optional<QByteArray> completionScript(const QString &shell)
{
    for (const Shell &known : shells) {
        if (known.name == shell)
            return QByteArray(known.script);
    }
    return std::nullopt;
}

} // namespace pmdaemon
