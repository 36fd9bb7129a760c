// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/config/pm2keys.h"

#include <QLatin1StringView>

#include <algorithm>
#include <array>

namespace pmdaemon {

using namespace Qt::Literals::StringLiterals;

bool isForPm2Alone(QStringView key)
{
    static constexpr std::array keys = {
        "append_env_to_name"_L1,
        "automation"_L1,
        "autostart"_L1,
        "deep_monitoring"_L1,
        "disable_source_map_support"_L1,
        "disable_trace"_L1,
        "event_loop_inspector"_L1,
        "exec_mode"_L1,
        "execute_command"_L1,
        "force"_L1,
        "id"_L1,
        "install_url"_L1,
        "instance_id"_L1,
        "io"_L1,
        "kill_retry_time"_L1,
        "km_link"_L1,
        "max"_L1,
        "name_prefix"_L1,
        "options"_L1,
        "pid"_L1,
        "pid_file"_L1,
        "pmx"_L1,
        "post_update"_L1,
        "source_map_support"_L1,
        "time"_L1,
        "trace"_L1,
        "v8"_L1,
        "vizion"_L1,
        "watch_options"_L1,
        "windowsHide"_L1,
        "write"_L1,
    };
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

} // namespace pmdaemon
